namespace SafeKit.Filter;

/// <summary>A group of rules: one table of buckets. Its number is its place in the plan; its slot is its module's.</summary>
public sealed record FilterGroup(int Slot, string Name);
