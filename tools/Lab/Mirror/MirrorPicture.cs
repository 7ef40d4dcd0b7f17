using SafeKit.Core.Control;

namespace SafeKit.Lab.Mirror;

/// <summary>What both nodes say of the mirror module at one moment; null for a node that does not answer.</summary>
public sealed record MirrorPicture(IReadOnlyDictionary<string, ModuleState?> Modules)
{
    public bool Is(string node, string state, string status = "Ready") =>
        Modules.GetValueOrDefault(node) is { } module && module.State == state && module.Status == status;

    /// <summary>One node leads, the other has everything.</summary>
    public bool IsPaired => Is("node1", "PRIM") && Is("node2", "SECOND") || Is("node2", "PRIM") && Is("node1", "SECOND");

    /// <summary>The node that runs the application, with or without the other; null: none, or both.</summary>
    public string? Primary
    {
        get
        {
            var leading = Modules.Keys.Where(node => Is(node, "PRIM") || Is(node, "ALONE")).ToList();
            return leading.Count == 1 ? leading[0] : null;
        }
    }

    /// <summary>Whether a node has heard from the other that it leads.</summary>
    public bool HearsPrimary(string node) => Modules.GetValueOrDefault(node)?.Mirror?.Peer.State is "PRIM" or "ALONE";

    /// <summary>One line for messages.</summary>
    public string Describe() => string.Join(", ", Modules.OrderBy(entry => entry.Key).Select(entry => entry.Value is not { } module
        ? $"{entry.Key} no answer"
        : $"{entry.Key} {module.State} {module.Status} by rule {module.Rule}{Remark(module)}"));

    private static string Remark(ModuleState module)
    {
        var remarks = new[] { module.ErrorText, module.Mirror?.Data, module.Mirror?.Remedy is { Length: > 0 } remedy ? $"type: {remedy}" : null }
            .Where(text => !string.IsNullOrEmpty(text)).ToList();
        return remarks.Count == 0 ? "" : $" ({string.Join("; ", remarks)})";
    }
}
