namespace SafeKit.Mirror.Recording;

/// <summary>A request that found the window full.</summary>
public interface IParkedRequest
{
    /// <summary>There is room: begin again. Called on a thread of the recorder: only hand the request to a worker.</summary>
    void Resume();
}
