using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem.Transport;

/// <summary>The same by io_uring.</summary>
[Collection(MountCollection.Name)]
public sealed class PosixOverIoUringTests(PosixOverIoUringTests.RingGround ground) : PosixTests(ground), IClassFixture<PosixOverIoUringTests.RingGround>
{
    /// <summary>Its mounted directory is mounted while the kernel offers io_uring.</summary>
    public sealed class RingGround : Ground
    {
        public override async Task InitializeAsync()
        {
            using var uring = new OverIoUring();
            await base.InitializeAsync();
        }
    }
}
