using SafeKit.Core;
using SafeKit.Membership;
using SafeKit.Simulation;
using SafeKit.Simulation.Mirrors;

// simulate SEED                          one run, with its event log
// simulate [--seeds N] [--from S]        many runs; prints the first seed that breaks an invariant
// simulate [--trace]                     with many runs: the event log of the seed that failed
// simulate [--only NAME] --mutants       the first seed that exposes each planted protocol mistake, or one
// simulate --convergence                 time to agree and bytes per second for 3 to 128 nodes
// simulate --views                       what a change costs with 128 nodes and 64 groups
// simulate --mirror ...                  the same of mirrors: SEED, --seeds, --from, --mutants, --only (with SEED: that mistake is planted)
ulong from = 1;
int seeds = 2000;
bool trace = false;
bool mirror = false;
string? only = null;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seeds" when i + 1 < args.Length && int.TryParse(args[i + 1], out seeds):
        case "--from" when i + 1 < args.Length && ulong.TryParse(args[i + 1], out from):
            i++;
            break;
        case "--only" when i + 1 < args.Length:
            only = args[++i];
            break;
        case "--trace":
            trace = true;
            break;
        case "--mirror":
            mirror = true;
            break;
        case "--mutants" when mirror:
            foreach (string mistake in MirrorBatch.Mistakes.Where(m => only is null || m == only))
                Console.WriteLine($"{mistake}: {MirrorBatch.Hunt(mistake, seeds)?.Message ?? "not found"}");
            return 0;
        case "--mutants":
            foreach (ProtocolMistake mistake in MutantHunt.Mistakes.Where(m => only is null || m.ToString() == only))
                Console.WriteLine($"{mistake}: {MutantHunt.Hunt(mistake, 2000)?.Message ?? "not found"}");
            return 0;
        case "--convergence":
            foreach (ConvergenceReport report in ConvergenceReport.MeasureAll())
                Console.WriteLine(report);
            return 0;
        case "--views":
            foreach (ViewChangeReport report in ViewChangeReport.MeasureAll(Limits.NodesMax, Limits.GroupsMax))
                Console.WriteLine(report);
            return 0;
        case { } text when ulong.TryParse(text, out ulong seed):
            return mirror ? MirrorBatch.RunOne(seed, Console.Out, only) : SingleRun.Run(seed, Console.Out);
        default:
            Console.Error.WriteLine($"simulate: unknown argument {args[i]}");
            Console.Error.WriteLine("usage: simulate [--mirror] [SEED] [--seeds N] [--from S] [--trace] [[--only NAME] --mutants] [--convergence] [--views]");
            return 2;
    }
}

if (mirror)
    return MirrorBatch.RunAndReport(from, seeds, Console.Out);
SimulationViolation? violation = SimulationBatch.RunAndReport(from, seeds, Console.Out);
if (violation is null)
    return 0;
return trace ? SingleRun.Run(violation.Seed, Console.Out) : 1;
