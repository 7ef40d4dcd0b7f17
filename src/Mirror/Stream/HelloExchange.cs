using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SafeKit.Core;
using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The first two messages of a connection: JSON after a 4-byte little-endian length. Every method ends within the time limit, and throws
/// <see cref="SafeKitException"/> for what is no message.
/// </summary>
public static class HelloExchange
{
    /// <summary>The secondary: says who it is and hears what follows.</summary>
    public static async Task<HelloAnswer> AskAsync(System.IO.Stream stream, Hello hello, TimeSpan limit, CancellationToken cancel)
    {
        await SendAsync(stream, hello, HelloJson.Default.Hello, limit, cancel);
        HelloAnswer answer = await ReceiveAsync(stream, HelloJson.Default.HelloAnswer, limit, cancel);
        bool sound = GenerationRecordJson.IsWithinBounds(answer.Record) && Enum.IsDefined(answer.Kind);
        return sound ? answer : throw new SafeKitException("the primary's hello makes no sense; both nodes must run the same version");
    }

    /// <summary>The primary: hears who has connected.</summary>
    public static async Task<Hello> ReceiveAsync(System.IO.Stream stream, TimeSpan limit, CancellationToken cancel)
    {
        Hello hello = await ReceiveAsync(stream, HelloJson.Default.Hello, limit, cancel);
        return GenerationRecordJson.IsWithinBounds(hello.Record)
            ? hello
            : throw new SafeKitException("the secondary's hello makes no sense; both nodes must run the same version");
    }

    /// <summary>The primary: says what follows.</summary>
    public static Task AnswerAsync(System.IO.Stream stream, HelloAnswer answer, TimeSpan limit, CancellationToken cancel) =>
        SendAsync(stream, answer, HelloJson.Default.HelloAnswer, limit, cancel);

    /// <summary>
    /// What of a hello does not fit this node, whatever the data: null, or the refusal to send. Final: an administrator must mend the configuration.
    /// </summary>
    public static HelloAnswer? Refusal(Hello hello, ReplicatedDataSettings settings, GenerationRecord own)
    {
        if (hello.Protocol != Hello.ProtocolVersion)
        {
            return Refuse(
                own, $"protocol {hello.Protocol} of {settings.PeerName} is not protocol {Hello.ProtocolVersion} of {settings.NodeName}", "install the same version on both nodes");
        }

        if (hello.Module != settings.Module)
        {
            return Refuse(
                own, $"module {Shown(hello.Module)} connects to the port of module {settings.Module}", "configure the module on both nodes with the same package");
        }

        if (hello.Node != settings.PeerName)
            return Refuse(own, $"node {Shown(hello.Node)} is not {settings.PeerName}", "make cluster.xml the same on both nodes");
        return hello.Directories == DirectoriesSignature.Of(settings)
            ? null
            : Refuse(own, "the nodes replicate different directories or exclude different files", "configure the module on both nodes with the same package");
    }

    private static HelloAnswer Refuse(GenerationRecord own, string rule, string remedy) =>
        new(false, true, rule, remedy, ReintegrationKind.None, own, 0, false, 0);

    /// <summary>A name from outside, for the log.</summary>
    private static string Shown(string name) =>
        new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);

    private static async Task SendAsync<T>(System.IO.Stream stream, T message, JsonTypeInfo<T> type, TimeSpan limit, CancellationToken cancel)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        Invariant.That(json.Length <= Hello.BytesMax, "a hello is bounded");
        byte[] whole = new byte[sizeof(uint) + json.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(whole, (uint)json.Length);
        json.CopyTo(whole, sizeof(uint));
        await LimitedAsync(limit, cancel, async c =>
        {
            await stream.WriteAsync(whole, c);
            await stream.FlushAsync(c);
            return true;
        });
    }

    private static Task<T> ReceiveAsync<T>(System.IO.Stream stream, JsonTypeInfo<T> type, TimeSpan limit, CancellationToken cancel) =>
        LimitedAsync(limit, cancel, async c =>
        {
            byte[] length = new byte[sizeof(uint)];
            await stream.ReadExactlyAsync(length, c);
            uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
            if (bytes is 0 or > Hello.BytesMax)
                throw new SafeKitException($"a hello of {bytes} bytes; both nodes must run the same version");
            byte[] json = new byte[bytes];
            await stream.ReadExactlyAsync(json, c);
            return JsonSerializer.Deserialize(json, type)
                ?? throw new SafeKitException("an empty hello; both nodes must run the same version");
        });

    private static async Task<T> LimitedAsync<T>(TimeSpan limit, CancellationToken cancel, Func<CancellationToken, Task<T>> work)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timed.CancelAfter(limit);
        try
        {
            return await work(timed.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SafeKitException($"no hello within {limit.TotalSeconds:0.#} s");
        }
        catch (JsonException e)
        {
            throw new SafeKitException($"a hello that cannot be read ({e.Message}); both nodes must run the same version", e);
        }
        catch (IOException e)
        {
            throw new SafeKitException(
                $"the connection ended during the hello ({e.Message}). If it goes on: the cluster key and the node names must be the same on both nodes.", e);
        }
    }
}
