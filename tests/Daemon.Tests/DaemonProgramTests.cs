using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Daemon.Tests;

public class DaemonProgramTests
{
    [Fact]
    public async Task ADaemonReportsItsLifeToTheServiceManagerAndAnswersMeanwhile()
    {
        using var daemon = new DaemonProcess();
        daemon.AwaitReport("READY=1");
        using var client = new ControlClient(daemon.Paths.ControlSocket, TimeSpan.FromSeconds(10));
        var state = await client.StateAsync();
        Assert.Empty(state.Modules);
        Assert.Equal(0, daemon.Terminate());
        daemon.AwaitReport("STOPPING=1");
    }

    [Fact]
    public void TheWatchdogIsFed()
    {
        using var daemon = new DaemonProcess(watchdog: TimeSpan.FromSeconds(2));
        daemon.AwaitReport("WATCHDOG=1");
        daemon.AwaitReport("WATCHDOG=1");
    }

    [Fact]
    public void ASecondDaemonOnTheSameRootIsRefused()
    {
        using var daemon = new DaemonProcess();
        daemon.AwaitReport("READY=1");
        var (exitCode, error) = daemon.StartSecond();
        Assert.Equal(1, exitCode);
        Assert.Contains("another safekitd already runs", error);
    }

    [Fact]
    public async Task ANodeWithoutAClusterSaysWhatToDo()
    {
        using var daemon = new DaemonProcess();
        daemon.AwaitReport("READY=1");
        using var client = new ControlClient(daemon.Paths.ControlSocket, TimeSpan.FromSeconds(10));
        var e = await Assert.ThrowsAsync<SafeKitException>(() => client.ModuleActionAsync("web", "start"));
        Assert.Contains("safekit cluster config", e.Message);
    }

    [Theory]
    [InlineData("<cluster><lans><lan name='a'>", "cluster.xml:1:")]
    [InlineData("<cluster><lans></lans></cluster>", "cluster.xml:1:10")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><cluster>&e;</cluster>", "cluster.xml:1:")]
    public async Task ABrokenClusterConfigurationIsRefusedAndNothingIsStored(string xml, string place)
    {
        using var daemon = new DaemonProcess();
        daemon.AwaitReport("READY=1");
        using var client = new ControlClient(daemon.Paths.ControlSocket, TimeSpan.FromSeconds(10));
        var e = await Assert.ThrowsAsync<SafeKitException>(() => client.ClusterConfigAsync(xml));
        Assert.Contains(place, e.Message);
        Assert.False(File.Exists(daemon.Paths.ClusterXml));
        Assert.False(File.Exists(daemon.Paths.ClusterKey));
    }
}
