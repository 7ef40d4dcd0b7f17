using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// Views are told as differences to one that the receiver holds. Both sides name it by its id, which no two views share, and check it
/// by its digest: a table is applied only if base and result are what the sender meant, and otherwise asked for whole.
/// </summary>
public sealed partial class MembershipCore
{
    /// <summary>The view promised before <see cref="_promised"/>: what the members hold when the next is proposed.</summary>
    private View? _promisedBefore;

    /// <summary>False from a refused difference on until the next view has come.</summary>
    private bool _takesDifferences = true;

    private View? _nothing;

    /// <summary>The base of who holds no view.</summary>
    private View Nothing => _nothing ??= View.Nothing(_settings.Groups.Count);

    private View? HeldView(ViewId id)
    {
        if (!id.Exists)
            return Nothing;
        foreach (View? view in (ReadOnlySpan<View?>)[_promised, _active, _lastActive, _promisedBefore, _proposedFrom, _reported])
        {
            if (view?.Id == id)
                return view;
        }

        return null;
    }

    /// <summary>
    /// What a peer is sent: the difference to what it has promised or acts on, if this node holds that too, otherwise to nothing, which
    /// everybody holds. The whole if that is smaller, or if the peer asks for it.
    /// </summary>
    private EncodedView EncodedFor(PeerState peer, OutgoingView view)
    {
        if (!peer.Last.Has(HeartbeatFlags.TakesDifferences))
            return view.Whole;
        View held = HeldView(peer.Last.Promised) ?? HeldView(peer.Last.Active) ?? Nothing;
        return held == view.View ? view.Whole : view.ForHolderOf(held);
    }

    /// <summary>The view that is whole with this part; null before, or if it is malformed or a difference that does not fit.</summary>
    private View? Assembled(ViewAssembler assembler, in ViewPart part, IMembershipOutput output)
    {
        // Late parts of a difference must not displace the whole that was asked for.
        if ((part.IsDifference && !_takesDifferences) || !assembler.Add(part))
            return null;
        if (!part.IsDifference)
        {
            View? whole = ViewCodec.Decode(assembler.Bytes);
            _takesDifferences |= whole is not null;
            return whole?.Id == part.View ? whole : null;
        }

        View? view = Applied(assembler.Bytes, out string refusal);
        if (view?.Id == part.View)
            return view;
        // Rule difference-refused: the sender learns of it at once and sends the whole.
        assembler.Forget();
        _takesDifferences = false;
        _announce = true;
        Decide(output, "difference-refused", $"view={part.View} from={part.Sender}: {(view is null ? refusal : $"it makes {view.Id}")}");
        return null;
    }

    private View? Applied(ReadOnlySpan<byte> bytes, out string refusal)
    {
        if (Mistaken(ProtocolMistake.ApplyDifferenceUnchecked))
            return ViewDifference.Apply(bytes, _promised ?? Nothing, isChecked: false, out refusal);
        ViewId id = ViewDifference.BaseOf(bytes);
        if (HeldView(id) is { } held)
            return ViewDifference.Apply(bytes, held, out refusal);
        refusal = $"base {id} is not held";
        return null;
    }

    /// <summary>
    /// Rule burst: who has received all of a burst says so at once, and gets the next: a large table takes as many round trips as it
    /// has bursts, not as many pulses. A burst with a gap waits for the pulse.
    /// </summary>
    private static bool EndsBurst(int partsBefore, int partsHeld) => partsHeld / PartsPerBurstMax > partsBefore / PartsPerBurstMax;
}
