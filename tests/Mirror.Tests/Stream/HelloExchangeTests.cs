using System.Buffers.Binary;
using System.Text;
using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Stream;

public sealed class HelloExchangeTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task WhatIsSaidIsHeard()
    {
        using var wire = new MemoryStream();
        var answer = new HelloAnswer(true, false, "rule", "", ReintegrationKind.Survey, GenerationRecord.Empty, 7, false, 1);
        await HelloExchange.AnswerAsync(wire, answer, _limit, CancellationToken.None);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(wire.ToArray());
        Assert.Equal(wire.Length, length + sizeof(uint));
        Assert.InRange(length, 1u, (uint)Hello.BytesMax);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData((uint)Hello.BytesMax + 1)]
    [InlineData(uint.MaxValue)]
    public async Task ALengthThatIsNoneIsRefusedBeforeAnythingIsReadForIt(uint length)
    {
        byte[] bytes = new byte[sizeof(uint) + Hello.BytesMax + 1];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        using var wire = new MemoryStream(bytes);
        SafeKitException refusal = await ReceiveAsync(wire);
        Assert.Contains($"{length} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(sizeof(uint), wire.Position);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"protocol\":\"one\"}")]
    public async Task WhatIsNoHelloIsRefused(string json)
    {
        SafeKitException refusal = await ReceiveAsync(Framed(Encoding.UTF8.GetBytes(json)));
        Assert.Contains("same version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RandomBytesAreRefused()
    {
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            await ReceiveAsync(Framed(bytes));
            await ReceiveAsync(new MemoryStream(bytes));
        }
    }

    [Fact]
    public async Task AHelloThatEndsEarlyIsRefused()
    {
        MemoryStream whole = Framed(new byte[100]);
        whole.SetLength(50);
        await ReceiveAsync(whole);
    }

    private static MemoryStream Framed(byte[] content)
    {
        byte[] bytes = new byte[sizeof(uint) + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)content.Length);
        content.CopyTo(bytes, sizeof(uint));
        var wire = new MemoryStream();
        wire.Write(bytes);
        wire.Position = 0;
        return wire;
    }

    private static Task<SafeKitException> ReceiveAsync(MemoryStream wire) =>
        Assert.ThrowsAsync<SafeKitException>(() => HelloExchange.ReceiveAsync(wire, _limit, CancellationToken.None));
}
