using SafeKit.Mirror.Generations;
using static SafeKit.Mirror.Tests.Generations.Chapters;

namespace SafeKit.Mirror.Tests.Generations;

public class GenerationRecordCodecTests
{
    [Fact]
    public void ARecordComesBackAsItWas()
    {
        foreach ((GenerationRecord record, _) in AllPairs())
        {
            byte[] bytes = Encode(record);
            Assert.True(GenerationRecordCodec.TryRead(bytes, out GenerationRecord read));
            AssertSame(record, read);
            Assert.True(GenerationRecordJson.TryRead(GenerationRecordJson.Write(record), out read));
            AssertSame(record, read);
        }
    }

    [Fact]
    public void OldChaptersAreLeftOutAndItFitsAHeartbeat()
    {
        GenerationRecord record = Alone(A);
        for (int i = 0; i < 20; i++)
            record = record.Begin(Guid.NewGuid());

        byte[] bytes = Encode(record);

        Assert.True(bytes.Length <= 300);
        Assert.True(GenerationRecordCodec.TryRead(bytes, out GenerationRecord read));
        Assert.Equal(record.History.Take(GenerationRecordCodec.ChaptersMax), read.History);
    }

    [Fact]
    public void EveryCutAndEveryLongerOneIsRefused()
    {
        byte[] bytes = Encode(Alone(A, B, C));
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(GenerationRecordCodec.TryRead(bytes.AsSpan(0, length), out _));
        Assert.False(GenerationRecordCodec.TryRead([.. bytes, 0], out _));
    }

    [Fact]
    public void RandomBytesGiveARecordWithinBoundsOrNone()
    {
        var random = new Random(7);
        byte[] bytes = new byte[GenerationRecordCodec.BytesMax + 16];
        for (int i = 0; i < 100_000; i++)
        {
            random.NextBytes(bytes);
            bytes[0] = 1;
            bytes[34] = (byte)random.Next(12);
            int length = 35 + (random.Next(10) * 16);
            if (GenerationRecordCodec.TryRead(bytes.AsSpan(0, Math.Min(length, bytes.Length)), out GenerationRecord read))
                Assert.True(Enum.IsDefined(read.Standing) && read.History.Count <= GenerationRecordCodec.ChaptersMax);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"current":"x","history":[],"standing":"Alone","wasPrimary":true,"epoch":0,"appliedSequence":0}""")]
    [InlineData("""{"current":"aaaaaaaa-0000-0000-0000-000000000001","history":null,"standing":"Alone","wasPrimary":true,"epoch":0,"appliedSequence":0}""")]
    [InlineData("""{"current":"aaaaaaaa-0000-0000-0000-000000000001","history":[],"standing":"Good","wasPrimary":true,"epoch":0,"appliedSequence":0}""")]
    [InlineData("""{"current":"aaaaaaaa-0000-0000-0000-000000000001","history":[],"standing":77,"wasPrimary":true,"epoch":0,"appliedSequence":0}""")]
    [InlineData("""{"current":"aaaaaaaa-0000-0000-0000-000000000001","history":[],"standing":"Alone","wasPrimary":true,"epoch":-1,"appliedSequence":0}""")]
    public void JsonThatIsNoRecordIsRefused(string json) =>
        Assert.False(GenerationRecordJson.TryRead(System.Text.Encoding.UTF8.GetBytes(json), out _));

    private static byte[] Encode(GenerationRecord record)
    {
        byte[] bytes = new byte[GenerationRecordCodec.BytesMax];
        return bytes[..GenerationRecordCodec.Write(record, bytes)];
    }

    private static void AssertSame(GenerationRecord expected, GenerationRecord actual)
    {
        Assert.Equal(expected.History, actual.History);
        Assert.Equal(expected with { History = [] }, actual with { History = [] });
    }
}
