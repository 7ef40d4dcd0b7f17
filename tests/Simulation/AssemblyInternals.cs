using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("SafeKit.Membership.Tests")]
