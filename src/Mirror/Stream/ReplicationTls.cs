using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SafeKit.Core;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// TLS 1.3 both ways between the nodes of one cluster. Both derive the same certificate authority from the cluster key, and each accepts
/// exactly the peer's name under it:
/// who has the key is a node, and nothing is to be distributed or renewed. Owns its certificates.
/// </summary>
public sealed class ReplicationTls : IDisposable
{
    private readonly ReplicationAuthority _authority;
    private readonly X509Certificate2 _own;
    private readonly SslStreamCertificateContext _context;
    private readonly string _peerName;

    public ReplicationTls(ReadOnlySpan<byte> clusterKey, string ownName, string peerName)
    {
        _authority = new ReplicationAuthority(clusterKey);
        _own = _authority.Issue(ownName, ReplicationAuthority.ValidFrom, ReplicationAuthority.ValidTo);
        _context = SslStreamCertificateContext.Create(_own, additionalCertificates: null, offline: true);
        _peerName = peerName;
    }

    /// <summary>The secondary's end. Takes the socket over: it is closed with the stream, and where this fails.</summary>
    /// <exception cref="SafeKitException">The other end is no node of this cluster, not the peer, or does not speak TLS 1.3.</exception>
    public Task<ReplicationStream> ConnectAsync(Socket socket, CancellationToken cancel) =>
        OpenAsync(socket, (stream, judge) => stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "replication.safekit",
                ClientCertificateContext = _context,
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = judge,
            },
            cancel));

    /// <summary>The primary's end; as <see cref="ConnectAsync"/>.</summary>
    /// <exception cref="SafeKitException">As for <see cref="ConnectAsync"/>.</exception>
    public Task<ReplicationStream> AcceptAsync(Socket socket, CancellationToken cancel) =>
        OpenAsync(socket, (stream, judge) => stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _context,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = judge,
            },
            cancel));

    public void Dispose()
    {
        _own.Dispose();
        _authority.Dispose();
    }

    private async Task<ReplicationStream> OpenAsync(Socket socket, Func<ReplicationStream, RemoteCertificateValidationCallback, Task> authenticate)
    {
        string place = $"{socket.RemoteEndPoint}";
        string? refusal = null;
        ReplicationStream? stream = null;
        try
        {
            stream = new ReplicationStream(new ReplicationWire(socket));
            await authenticate(stream, (_, certificate, _, _) => (refusal = _authority.Refusal(certificate, _peerName)) is null);
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            await CloseAsync(socket, stream);
            throw new SafeKitException($"{place}: {refusal ?? Explain(e)}", e);
        }
        catch
        {
            await CloseAsync(socket, stream);
            throw;
        }
    }

    private static async Task CloseAsync(Socket socket, ReplicationStream? stream)
    {
        if (stream is not null)
            await stream.DisposeAsync();
        socket.Dispose();
    }

    private static string Explain(Exception e) => e is AuthenticationException
        ? $"no TLS 1.3 with a node of this cluster ({e.InnerException?.Message ?? e.Message}). The cluster key must be the same on both nodes."
        : $"the connection ended while the nodes made themselves known ({e.Message}). If it goes on: the cluster key and the node names must be the same on both nodes.";
}
