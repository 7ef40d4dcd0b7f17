namespace SafeKit.Mirror.Stream;

/// <summary>How a follower is to end.</summary>
internal enum FollowerOrder
{
    None = 0,
    Promote = 1,
    Leave = 2,
    Stop = 3,
}
