namespace SafeKit.Simulation;

/// <summary>One seed with its event log.</summary>
public static class SingleRun
{
    public static int Run(ulong seed, TextWriter output)
    {
        var options = SimulationOptions.FromSeed(seed);
        output.WriteLine($"seed {seed}: {options.Nodes} nodes, {options.Lans} lans, pulse {options.PulseMs} ms, loss {options.LossRate:P0}");
        try
        {
            new ChaosRun(options, output).Run();
            output.WriteLine("no invariant broken");
            return 0;
        }
        catch (SimulationViolation violation)
        {
            output.WriteLine(violation.Message);
            return 1;
        }
    }
}
