using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("SafeKit.Modules.Tests")]
[assembly: InternalsVisibleTo("simulate")]
