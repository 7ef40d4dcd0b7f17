using System.Text.Json;
using System.Text.Json.Serialization;

namespace SafeKit.Core.Control;

/// <summary>How the control API writes and reads JSON: the same on both sides, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = false)]
[JsonSerializable(typeof(NodeState))]
[JsonSerializable(typeof(ModuleState))]
[JsonSerializable(typeof(ActionResult))]
[JsonSerializable(typeof(TraceRequest))]
[JsonSerializable(typeof(TraceAnswer))]
[JsonSerializable(typeof(ClusterState))]
[JsonSerializable(typeof(VipTestAnswer))]
[JsonSerializable(typeof(IReadOnlyList<LogLine>))]
[JsonSerializable(typeof(IReadOnlyList<ResourceState>))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>For people: the same content, indented.</summary>
    public static ControlJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });
}
