using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

// Two cores: a second lab beside the first would only make both late.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
