namespace SafeKit.Core.Control;

/// <summary>Which frames from one node arrived at another one.</summary>
/// <param name="Broadcast">To everybody.</param>
/// <param name="Own">To the receiver's own MAC.</param>
/// <param name="Unknown">To a unicast MAC that nobody ever sent with.</param>
/// <param name="Virtual">To the virtual MAC.</param>
/// <param name="Promiscuous">As <paramref name="Unknown"/>, received in promiscuous mode; null where that was not tried.</param>
public sealed record VipTestPath(
    string Sender, string Receiver, bool Broadcast, bool Own, bool Unknown, bool Virtual, bool? Promiscuous);
