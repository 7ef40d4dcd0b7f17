namespace SafeKit.Daemon.Farm;

/// <summary>A rule of a <see cref="KeptAddress"/>; its group is numbered within the module.</summary>
public sealed record KeptRule(int Protocol, ushort? Port, int Input, int Group, bool NotesActivity);
