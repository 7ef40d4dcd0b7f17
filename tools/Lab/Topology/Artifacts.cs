namespace SafeKit.Lab.Topology;

/// <summary>Finds the built product: the folder with safekitd and safekit.</summary>
public static class Artifacts
{
    public const string Variable = "SAFEKIT_ARTIFACTS";
    public const string Daemon = "safekitd";
    public const string Cli = "safekit";

    /// <summary>The folder asked for, or that of the environment, or the nearest <c>artifacts</c> above this program.</summary>
    public static string Find(string? folder)
    {
        folder ??= Environment.GetEnvironmentVariable(Variable) ?? Search(AppContext.BaseDirectory);
        if (folder is null || !File.Exists(Path.Combine(folder, Daemon)) || !File.Exists(Path.Combine(folder, Cli)))
            throw new LabException(
                $"{Daemon} and {Cli} are not in {folder ?? "any folder named artifacts above this program"}; "
                + $"build them with: make (or name their folder with --artifacts or {Variable})");
        return Path.GetFullPath(folder);
    }

    private static string? Search(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "artifacts");
            if (File.Exists(Path.Combine(candidate, Daemon)))
                return candidate;
        }

        return null;
    }
}
