namespace SafeKit.Membership;

/// <summary>The bytes of a view as they are cut into parts.</summary>
/// <param name="Digest">Of the bytes; see <see cref="ViewCodec.Digest"/>.</param>
/// <param name="IsDifference">They name only what changes in a view that the receiver holds (<see cref="ViewDifference"/>).</param>
internal sealed record EncodedView(byte[] Bytes, ulong Digest, bool IsDifference);
