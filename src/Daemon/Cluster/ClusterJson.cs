using System.Text.Json.Serialization;

namespace SafeKit.Daemon.Cluster;

/// <summary>How questions and answers between daemons are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterQuestion))]
[JsonSerializable(typeof(ClusterAnswer))]
internal sealed partial class ClusterJson : JsonSerializerContext;
