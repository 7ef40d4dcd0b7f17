using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>A file as a survey or the journal knows it.</summary>
/// <param name="Mode">Type and permissions (st_mode); only the type is sure.</param>
/// <param name="Size">Size in bytes when it was listed; a hint.</param>
/// <param name="Links">Number of hard links when it was listed; a hint.</param>
public readonly record struct SurveyedFile(ulong File, FileHandle Handle, uint Mode = 0, long Size = 0, uint Links = 1);
