using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SafeKit.Daemon.Cluster;

/// <summary>
/// One question and one answer over a stream between two nodes, sealed with keys that both derive from the cluster key and
/// from a fresh random number of each side: neither can be read, forged or replayed. Layout of a message: length of the
/// ciphertext (u32, little endian), ciphertext, tag (16 bytes). Each key seals one message, so its nonce is constant.
/// </summary>
public sealed class SealedStream
{
    /// <summary>Largest message: the state of 32 modules on 128 nodes fits.</summary>
    public const int MessageBytesMax = 1 << 20;

    private const int RandomBytes = 32;
    private const int TagBytes = 16;
    private readonly Stream _stream;
    private readonly byte[] _questionKey;
    private readonly byte[] _answerKey;

    private SealedStream(Stream stream, byte[] clusterKey, byte[] salt)
    {
        _stream = stream;
        _questionKey = Derive(clusterKey, salt, "cluster question");
        _answerKey = Derive(clusterKey, salt, "cluster answer");
    }

    /// <summary>Exchanges the random numbers; the side that asks sends its own first.</summary>
    public static async Task<SealedStream> OpenAsync(
        Stream stream, byte[] clusterKey, bool asks, CancellationToken cancel)
    {
        var own = RandomNumberGenerator.GetBytes(RandomBytes);
        var other = new byte[RandomBytes];
        await stream.WriteAsync(own, cancel);
        await stream.ReadExactlyAsync(other, cancel);
        return new SealedStream(stream, clusterKey, asks ? [.. own, .. other] : [.. other, .. own]);
    }

    public Task SendQuestionAsync(byte[] plain, CancellationToken cancel) => SendAsync(_questionKey, plain, cancel);

    public Task<byte[]> ReceiveQuestionAsync(CancellationToken cancel) => ReceiveAsync(_questionKey, cancel);

    public Task SendAnswerAsync(byte[] plain, CancellationToken cancel) => SendAsync(_answerKey, plain, cancel);

    public Task<byte[]> ReceiveAnswerAsync(CancellationToken cancel) => ReceiveAsync(_answerKey, cancel);

    private static byte[] Derive(byte[] clusterKey, byte[] salt, string label) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterKey, 32, salt, Encoding.ASCII.GetBytes(label));

    private async Task SendAsync(byte[] key, byte[] plain, CancellationToken cancel)
    {
        var message = new byte[4 + plain.Length + TagBytes];
        BinaryPrimitives.WriteInt32LittleEndian(message, plain.Length);
        using (var aes = new AesGcm(key, TagBytes))
        {
            aes.Encrypt(
                new byte[12],
                plain,
                message.AsSpan(4, plain.Length),
                message.AsSpan(4 + plain.Length),
                message.AsSpan(0, 4));
        }

        await _stream.WriteAsync(message, cancel);
    }

    /// <exception cref="InvalidDataException">The length is beyond the limit.</exception>
    /// <exception cref="AuthenticationTagMismatchException">The other side has another cluster key.</exception>
    private async Task<byte[]> ReceiveAsync(byte[] key, CancellationToken cancel)
    {
        var length = new byte[4];
        await _stream.ReadExactlyAsync(length, cancel);
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (bytes is < 0 or > MessageBytesMax)
            throw new InvalidDataException($"a message of {bytes} bytes");
        var body = new byte[bytes + TagBytes];
        await _stream.ReadExactlyAsync(body, cancel);
        var plain = new byte[bytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(new byte[12], body.AsSpan(0, bytes), body.AsSpan(bytes), plain, length);
        return plain;
    }
}
