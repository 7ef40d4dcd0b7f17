namespace SafeKit.Daemon.Farm;

/// <summary>What to do with a module when the daemon starts.</summary>
public enum BootAction
{
    Nothing,

    /// <summary>Run the start as an administrator would.</summary>
    Start,

    /// <summary>The application runs already: take it over without touching it.</summary>
    Adopt,
}
