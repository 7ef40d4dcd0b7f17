namespace SafeKit.Membership;

/// <summary>
/// Rule orphan: an owner that holds resets back asks the other members about each connection that nobody here knows. One that all of them
/// deny, under one and the same view, is nobody's (its holder crashed, usually): the kernel may answer its packets with a reset.
/// </summary>
public sealed class OrphanRule
{
    private readonly ProtocolMistake _mistake;

    public OrphanRule()
    {
    }

    internal OrphanRule(ProtocolMistake mistake) => _mistake = mistake;

    /// <summary>How a question names the view under which it is put.</summary>
    public static string? NameOf(View? view) => view is null ? null : $"{view.Id.Counter}/{view.Id.Leader.Index}/{view.Id.LeaderIncarnation}";

    /// <summary>
    /// What a member says of the connections that it is asked about: for each whether it may hold it. Null if it has promised another view
    /// than the question names: then nothing can be said.
    /// </summary>
    /// <param name="promised">The view that this member has promised.</param>
    /// <param name="asked">The view under which the question was put.</param>
    /// <param name="connections">How many are asked about.</param>
    /// <param name="handshakesMayBeHidden">SYN cookies are under way, of which nothing can be found: any of them may be its.</param>
    /// <param name="holds">Whether the kernel has a connection; asked only if that decides.</param>
    public IReadOnlyList<bool>? Answer(string? promised, string asked, int connections, bool handshakesMayBeHidden, Func<int, bool> holds)
    {
        if (promised != asked)
            return null;
        bool all = handshakesMayBeHidden && (_mistake & ProtocolMistake.OrphanDuringHandshake) == 0;
        return [.. Enumerable.Range(0, connections).Select(i => all || holds(i))];
    }

    /// <summary>Which of the connections asked about nobody holds; none if a member has not answered, or if the view has changed since.</summary>
    public IReadOnlyList<int> Find(string asked, string? promised, int connections, IReadOnlyList<IReadOnlyList<bool>?> answers)
    {
        if ((_mistake & ProtocolMistake.NeverOrphan) != 0 || promised != asked)
            return [];
        bool believesSilence = (_mistake & ProtocolMistake.OrphanUnanswered) != 0;
        if (!believesSilence && answers.Any(answer => answer is null || answer.Count != connections))
            return [];
        return [.. Enumerable.Range(0, connections).Where(i => answers.All(answer => answer is null || !answer[i]))];
    }
}
