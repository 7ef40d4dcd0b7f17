using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem.Transport;

/// <summary>The same by io_uring.</summary>
[Collection(MountCollection.Name)]
public sealed class WaitingOverIoUringTests : WaitingTests, IClassFixture<OverIoUring>;
