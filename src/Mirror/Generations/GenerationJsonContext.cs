using System.Text.Json.Serialization;

namespace SafeKit.Mirror.Generations;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GenerationRecord))]
internal sealed partial class GenerationJsonContext : JsonSerializerContext;
