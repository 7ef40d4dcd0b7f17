using SafeKit.Mirror.Recording;

namespace SafeKit.Simulation.Mirrors;

/// <summary>A primary's marks on its disk, as <c>src/Mirror/Marks/MarkLog</c> keeps them: which cells, since a checkpoint that both nodes have.</summary>
internal sealed class SimulatedLog(Guid chapter)
{
    private readonly HashSet<int> _older = [];
    private readonly HashSet<int> _newer = [];
    private bool _isSettled = true;
    private Checkpoint _expected;
    private bool _hasPeer;
    private bool _hasOwn;

    public Guid Chapter => chapter;

    /// <summary>None: no marks count yet.</summary>
    public Checkpoint Base { get; private set; }

    public bool IsDamaged { get; set; }

    public bool IsSettled => _isSettled;

    /// <summary>The marks that count.</summary>
    public IEnumerable<int> Cells => _older.Union(_newer);

    public void Mark(int cell) => _newer.Add(cell);

    public void BeginEpoch(Checkpoint expected)
    {
        if (_isSettled)
        {
            _older.Clear();
            _older.UnionWith(_newer);
            _newer.Clear();
        }

        (_isSettled, _expected, _hasPeer, _hasOwn) = (false, expected, false, false);
    }

    public void ForgetExpected() => _expected = default;

    public void PeerHas(Checkpoint checkpoint)
    {
        _hasPeer |= !checkpoint.IsNone && checkpoint == _expected;
        TrySettle();
    }

    public void OwnHas(Checkpoint checkpoint)
    {
        _hasOwn |= !checkpoint.IsNone && checkpoint == _expected;
        TrySettle();
    }

    private void TrySettle()
    {
        if (_isSettled || !_hasPeer || !_hasOwn)
            return;
        (_isSettled, Base) = (true, _expected);
        _older.Clear();
    }
}
