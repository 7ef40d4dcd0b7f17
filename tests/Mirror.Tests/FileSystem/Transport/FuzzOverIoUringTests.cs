using SafeKit.Mirror.Tests.Support;
using Xunit.Abstractions;

namespace SafeKit.Mirror.Tests.FileSystem.Transport;

/// <summary>The same by io_uring.</summary>
[Collection(MountCollection.Name)]
public sealed class FuzzOverIoUringTests(ITestOutputHelper output) : FuzzTests(output), IClassFixture<OverIoUring>;
