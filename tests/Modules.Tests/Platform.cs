using System.Runtime.Versioning;

// File modes are part of what is tested; the product runs on Linux only.
[assembly: SupportedOSPlatform("linux")]
