namespace SafeKit.Core.Control;

/// <summary>Answer of <c>safekit vip test</c>: one report for each virtual interface that was tested.</summary>
public sealed record VipTestAnswer(IReadOnlyList<VipTestReport> Reports);
