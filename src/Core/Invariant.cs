using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SafeKit.Core;

/// <summary>
/// Assertions that stay on in production: a node that finds itself wrong stops (its lease ends, it takes nothing)
/// rather than go on wrong.
/// </summary>
public static class Invariant
{
    public static void That(
        [DoesNotReturnIf(false)] bool holds,
        string statement,
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!holds)
            Fail(statement, file, line);
    }

    [DoesNotReturn]
    private static void Fail(string statement, string file, int line) =>
        throw new InvariantException($"invariant broken: {statement} ({Path.GetFileName(file)}:{line})");
}
