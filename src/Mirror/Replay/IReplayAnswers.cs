using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>What replay has to tell. Called on the thread that applies; must not wait.</summary>
internal interface IReplayAnswers
{
    /// <summary>Whether barriers are to reach the disk here.</summary>
    bool SyncsBarriers { get; }

    /// <summary>A barrier has been reached. Everything before it is applied.</summary>
    /// <param name="descriptor">To be synced, then closed by the callee; -1: the whole tree, or the file is gone.</param>
    /// <param name="ownInode">Which file of this node that is; 0: the whole tree.</param>
    void Barrier(in OperationHeader operation, int descriptor, ulong ownInode);

    /// <summary>Everything applied up to this operation, and its times, are to reach the disk.</summary>
    void CheckpointAsked(ulong sequence);

    void Compared(in OperationHeader operation, bool equal);

    /// <summary>A listing named a file that was not here: it is made, and without attributes and content.</summary>
    void Missing(in OperationHeader listing, ulong file)
    {
    }

    /// <summary>A directory has all the names that were listed, and no others.</summary>
    void Listed(in OperationHeader listing)
    {
    }

    void Differs(string what);

    void Verified(in OperationHeader operation);

    /// <summary>Everything that makes the trees equal is applied, and the times are set.</summary>
    void ReintegrationEnded(GenerationRecord record);
}
