using SafeKit.Core;
using SafeKit.Mirror.Generations;
using static SafeKit.Mirror.Tests.Generations.Chapters;

namespace SafeKit.Mirror.Tests.Generations;

public sealed class GenerationStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-generation-").FullName;

    private string Path => System.IO.Path.Combine(_folder, GenerationStore.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WithoutAFileNothingIsKnown()
    {
        GenerationStore store = GenerationStore.Open(System.IO.Path.Combine(_folder, "below"));

        Assert.Equal(DataStanding.Unknown, store.Current.Standing);
        Assert.Null(store.Damage);
    }

    [Fact]
    public void TheLastWrittenRecordIsReadBack()
    {
        GenerationStore store = GenerationStore.Open(_folder);
        store.Write(Alone(A));
        store.Write(Paired(B, A) with { Epoch = 5, AppliedSequence = 77 });

        GenerationRecord read = GenerationStore.Open(_folder).Current;

        Assert.Equal((B, DataStanding.Paired, 5UL, 77UL), (read.Current, read.Standing, read.Epoch, read.AppliedSequence));
        Assert.Equal([A], read.History);
    }

    [Fact]
    public void WhatACrashLeftAsideIsIgnored()
    {
        GenerationStore.Open(_folder).Write(Alone(A));
        File.WriteAllText(Path + ".new", "{\"half\":");

        GenerationStore store = GenerationStore.Open(_folder);

        Assert.Equal(A, store.Current.Current);
        Assert.Null(store.Damage);
        store.Write(Alone(B, A));
        Assert.Equal(B, GenerationStore.Open(_folder).Current.Current);
    }

    [Fact]
    public void EveryDamagedByteMakesTheDataInconsistent()
    {
        GenerationStore.Open(_folder).Write(Alone(A, B));
        byte[] good = File.ReadAllBytes(Path);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x10;
            File.WriteAllBytes(Path, bad);
            AssertDamaged();
        }
    }

    [Fact]
    public void EveryCutFileMakesTheDataInconsistent()
    {
        GenerationStore.Open(_folder).Write(Alone(A, B));
        byte[] good = File.ReadAllBytes(Path);
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(Path, good[..length]);
            AssertDamaged();
        }

        File.WriteAllBytes(Path, new byte[100_000]);
        AssertDamaged();
    }

    [Fact]
    public void ARefusedWriteLeavesTheOldRecord()
    {
        GenerationStore store = GenerationStore.Open(_folder);
        store.Write(Alone(A));
        Directory.CreateDirectory(Path + ".new");

        SafeKitException refused = Assert.Throws<SafeKitException>(() => store.Write(Alone(B, A)));

        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(A, store.Current.Current);
        Assert.Equal(A, GenerationStore.Open(_folder).Current.Current);
    }

    private void AssertDamaged()
    {
        GenerationStore store = GenerationStore.Open(_folder);
        Assert.Equal(DataStanding.Inconsistent, store.Current.Standing);
        Assert.Equal(Guid.Empty, store.Current.Current);
        Assert.Contains(Path, store.Damage!, StringComparison.Ordinal);
    }
}
