using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Mirror.Tests.Reintegration;

public class SurveyWorkTests
{
    private static SurveyedFile File(byte generation)
    {
        var handle = new FileHandle { Type = 1, Bytes = 1 };
        handle.Buffer[0] = generation;
        return new SurveyedFile(5, handle);
    }

    [Fact]
    public void AFileWithAReusedNumberIsFoundAgainWhenTheOneBeforeHasEnded()
    {
        var work = new SurveyWork(CancellationToken.None);
        SurveyItem first = work.Begin(0, File(1))!;
        Assert.Null(work.Begin(0, File(2)));
        Assert.False(work.IsComplete);
        Assert.True(work.AllAsked(first));
        Assert.True(work.TryTake(out (byte Tree, SurveyedFile File) found, out _));
        Assert.Equal(File(2).Handle.Value, found.File.Handle.Value);
        Assert.NotNull(work.Begin(0, found.File));
    }
}
