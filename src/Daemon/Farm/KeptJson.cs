using System.Text.Json.Serialization;

namespace SafeKit.Daemon.Farm;

/// <summary>How kept parts are written, without reflection.</summary>
[JsonSerializable(typeof(KeptPart))]
public sealed partial class KeptJson : JsonSerializerContext;
