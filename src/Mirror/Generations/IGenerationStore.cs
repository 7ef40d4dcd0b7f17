namespace SafeKit.Mirror.Generations;

/// <summary>The durable record of one node: what is read back after any crash is the last one whose writing had returned.</summary>
public interface IGenerationStore
{
    GenerationRecord Current { get; }

    /// <exception cref="Core.SafeKitException">The disk refused: the record on it is the old one.</exception>
    void Write(GenerationRecord record);
}
