using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Daemon;

/// <summary>
/// A module's number, which fixes its ports and its slot in the filter: given when the daemon first sees the module, the smallest
/// that is free, and kept from then on. Nodes on which the modules appear in the same order, or together (then by the
/// alphabet), agree by themselves; <c>safekit cluster state</c> shows the numbers.
/// </summary>
public sealed class ModuleIds(NodePaths paths)
{
    /// <exception cref="SafeKitException">The node has as many modules as it can have.</exception>
    public int Of(string module)
    {
        var taken = Directory.Exists(Folder)
            ? Directory.GetDirectories(Folder).Select(d => Path.GetFileName(d)).Where(name => name != module).Select(Read).OfType<int>().ToHashSet()
            : [];
        if (Read(module) is { } known && !taken.Contains(known))
            return known;
        var free = Enumerable.Range(1, Limits.ModulesMax).FirstOrDefault(id => !taken.Contains(id));
        if (free == 0)
            throw new SafeKitException($"module {module}: this node already has {Limits.ModulesMax} modules; remove one below {paths.Modules}");
        Directory.CreateDirectory(paths.ModuleVar(module));
        System.IO.File.WriteAllText(File(module), free.ToString(CultureInfo.InvariantCulture) + "\n");
        return free;
    }

    private string Folder => Path.GetDirectoryName(paths.ModuleVar("any"))!;

    private string File(string module) => Path.Combine(paths.ModuleVar(module), "id");

    private int? Read(string module) =>
        System.IO.File.Exists(File(module))
        && int.TryParse(System.IO.File.ReadAllText(File(module)).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && id is >= 1 and <= Limits.ModulesMax
            ? id
            : null;
}
