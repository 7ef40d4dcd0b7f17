namespace SafeKit.Membership.Tests;

/// <summary>What travels, and what is made of bytes that should not.</summary>
public sealed class HeartContentTests
{
    private static readonly HeartContent _full = new()
    {
        State = 3,
        Status = 2,
        Marks = HeartMarks.UpToDate | HeartMarks.AsksSwap,
        Rule = "remote stop",
        Number = 7,
        EchoIncarnation = 8,
        EchoNumber = 9,
        GoesAloneNumber = 6,
        ConfigurationSignature = 0x1122334455667788,
        Generation = new byte[] { 1, 2, 3 },
        Resources = [new HeartResource("tcp.web", "up"), new HeartResource("heartbeat.default", "down")],
    };

    [Fact]
    public void WhatIsSaidIsHeard()
    {
        Assert.True(HeartContent.TryParse(_full.Format(), out HeartContent? heard));
        Assert.Equal(_full with { Generation = default, Resources = [] }, heard! with { Generation = default, Resources = [] });
        Assert.Equal(_full.Generation.ToArray(), heard.Generation.ToArray());
        Assert.Equal(_full.Resources, heard.Resources);
    }

    [Fact]
    public void ResourcesThatDoNotFitAreDroppedAndThatIsSaid()
    {
        HeartResource[] many = [.. Enumerable.Range(0, 100).Select(i => new HeartResource($"custom.{i}", new string('x', 40)))];
        byte[] bytes = (_full with { Resources = many, Generation = new byte[HeartContent.GenerationBytesMax] }).Format();
        Assert.InRange(bytes.Length, 1000, HeartContent.BytesMax);
        Assert.True(HeartContent.TryParse(bytes, out HeartContent? heard));
        Assert.True(heard!.ResourcesDropped);
        Assert.Equal(many[..heard.Resources.Count], heard.Resources);
    }

    [Fact]
    public void ALongRuleIsCutAtAWholeCharacter()
    {
        byte[] bytes = (_full with { Rule = new string('ä', 60) }).Format();
        Assert.True(HeartContent.TryParse(bytes, out HeartContent? heard));
        Assert.Equal(new string('ä', 32), heard!.Rule);
    }

    [Fact]
    public void EveryShorterOrLongerContentIsRefused()
    {
        byte[] bytes = _full.Format();
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(HeartContent.TryParse(bytes.AsSpan(0, length), out _), $"{length} bytes");
        Assert.False(HeartContent.TryParse([.. bytes, 0], out _));
    }

    [Fact]
    public void RandomContentNeverThrowsAndTextIsPrintable()
    {
        var random = new Random(5);
        byte[] bytes = _full.Format();
        for (int i = 0; i < 100_000; i++)
        {
            byte[] mutated = [.. bytes];
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            if (HeartContent.TryParse(mutated, out HeartContent? heard))
                Assert.DoesNotContain(heard!.Resources, resource => (resource.Name + resource.Value + heard.Rule).Any(char.IsControl));
        }
    }
}
