namespace SafeKit.Daemon.Probing;

/// <summary>One step of a test of the network, as one daemon asks another to do it.</summary>
/// <param name="Nonce">Random number of the test, 32 hexadecimal digits.</param>
/// <param name="Module">The module whose virtual interface is tested.</param>
/// <param name="Address">An address of that virtual interface: each node finds its own interface by it.</param>
/// <param name="Targets">Open: MACs to listen for beside the own and the virtual one. Send: where to send to. Otherwise none.</param>
public sealed record ProbeQuestion(
    ProbeStep Step, string Nonce, string Module, string Address, IReadOnlyList<ProbeTarget> Targets);
