namespace SafeKit.Modules;

/// <summary>Reads the attributes of <c>&lt;service&gt;</c>.</summary>
internal static class ServiceReader
{
    public static ServiceConfiguration Read(ElementReader service)
    {
        service.Required("mode");
        var mode = service.Choice("mode", "farm", "mirror", "farm", "light") switch
        {
            "mirror" => ServiceMode.Mirror,
            "light" => ServiceMode.Light,
            _ => ServiceMode.Farm,
        };
        var boot = service.Choice("boot", "ignore", "on", "off", "auto", "ignore") switch
        {
            "on" => BootMode.On,
            "off" => BootMode.Off,
            "auto" => BootMode.Auto,
            _ => BootMode.Ignore,
        };
        var failover = service.OnOff("failover", true);
        if (!failover && mode != ServiceMode.Mirror)
            service.NoteNoEffect("failover");
        return new ServiceConfiguration(
            mode,
            boot,
            TimeSpan.FromSeconds(service.Time("boot_delay", TimeUnit.Second) ?? 0),
            service.Int("maxloop", 0, 1_000_000) ?? 3,
            TimeSpan.FromHours(service.Time("loop_interval", TimeUnit.Hour) ?? 24),
            service.OnOff("automatic_reboot", false),
            failover,
            service.Has("defaultprim") ? service.Required("defaultprim") : "alone",
            service.Place);
    }
}
