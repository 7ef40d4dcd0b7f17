using System.Globalization;
using System.Runtime.CompilerServices;
using SafeKit.Core;
using SafeKit.Simulation;

namespace SafeKit.Membership.Tests;

/// <summary>
/// Stories in plain words with the log they must give. The lines of a file that begin with <c>&gt;</c> are orders, the others the
/// log. With SAFEKIT_REWRITE=1 the files are written anew: review the difference.
/// </summary>
public sealed class ScenarioTests
{
    private const long MsNs = 1_000_000;

    [Theory]
    [InlineData("crash")]
    [InlineData("leave-and-return")]
    [InlineData("leader-restarts")]
    public void TheLogIsAsWritten(string name)
    {
        string file = Path.Combine(Folder(), $"{name}.txt");
        string[] lines = File.ReadAllLines(file);
        string log = Play(lines.Where(line => line.StartsWith('>')));
        if (Environment.GetEnvironmentVariable("SAFEKIT_REWRITE") == "1")
            File.WriteAllText(file, log);
        Assert.Equal(string.Join('\n', lines) + "\n", log);
    }

    private static string Play(IEnumerable<string> orders)
    {
        using var log = new StringWriter { NewLine = "\n" };
        var cluster = new Cluster(new SimulationOptions { Seed = 1, Nodes = 3 }, log);
        foreach (string order in orders)
        {
            log.WriteLine(order);
            Obey(cluster, order[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            int[] taken = [.. cluster.Nodes.Select(node => node.Accepts ? node.Filter.Rows.ToArray().Count(Takes) : 0)];
            log.WriteLine($"             buckets {string.Join(' ', taken)}");
        }

        return log.ToString();
    }

    private static void Obey(Cluster cluster, string[] words)
    {
        if (words[0] == "run")
        {
            cluster.RunFor(int.Parse(words[1], CultureInfo.InvariantCulture) * MsNs);
            return;
        }

        foreach (SimulatedNode node in cluster.Nodes.Where(node => words[1] == "all" || words[1] == $"n{node.Index}"))
            Obey(node, words[0]);
    }

    private static void Obey(SimulatedNode node, string order)
    {
        switch (order)
        {
            case "start":
                node.Start();
                break;
            case "power-off":
                node.PowerOff();
                break;
            case "kill":
                node.Kill();
                break;
            case "leave":
                node.Order(core => core.Leave(node.LocalNs, node));
                break;
            case "depart":
                node.Order(core => core.Depart(node.LocalNs, node));
                break;
            default:
                throw new ArgumentException($"unknown order {order}");
        }
    }

    private static bool Takes(byte row) => (row & (byte)RowFlags.Mine) != 0;

    private static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Scenarios");
}
