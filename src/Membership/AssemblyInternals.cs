using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("SafeKit.Membership.Tests")]
[assembly: InternalsVisibleTo("simulate")]
