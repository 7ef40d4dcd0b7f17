namespace SafeKit.Modules;

/// <summary>One step of a transition. The machine performs steps until one has to wait.</summary>
internal abstract record MirrorStep
{
    private MirrorStep()
    {
    }

    public sealed record Become(MirrorState State, ModuleStatus Status) : MirrorStep;

    public sealed record Script(MirrorAction.RunScript Run) : MirrorStep;

    /// <summary>Something to do that needs no answer.</summary>
    public sealed record Do(MirrorAction Action) : MirrorStep;

    public sealed record Lead(MirrorLeadOrder Order) : MirrorStep;

    public sealed record Follow(bool Full) : MirrorStep;

    public sealed record Promote(string Rule) : MirrorStep;

    public sealed record StopData : MirrorStep;

    public sealed record SetAddress : MirrorStep;

    public sealed record RemoveAddress : MirrorStep;

    public sealed record ForgetResources(CheckerWhen When) : MirrorStep;

    public sealed record AwaitResources : MirrorStep;

    public sealed record AwaitRole : MirrorStep;

    /// <summary>Start again after a stop.</summary>
    public sealed record Begin : MirrorStep;
}
