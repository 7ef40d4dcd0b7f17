using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// A certificate authority that everybody with the cluster key can derive: its P-256 key comes from the cluster key by HKDF (RFC 5869). Owns its key.
/// Certificates are valid without an end: they live in memory, and a node whose clock is wrong after a power failure must find its peer all the same.
/// </summary>
internal sealed class ReplicationAuthority : IDisposable
{
    public static readonly DateTimeOffset ValidFrom = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset ValidTo = new(9998, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Purpose = "mirror/certificate-authority";
    private const string CommonName = "SafeKit.Net replication";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Order of P-256 (FIPS 186-5, SEC 2).</summary>
    private static readonly BigInteger _order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly ECDsa _key;
    private readonly X509Certificate2 _certificate;

    public ReplicationAuthority(ReadOnlySpan<byte> clusterKey)
    {
        Invariant.That(clusterKey.Length == 32, "a cluster key has 32 bytes");
        _key = DeriveKey(clusterKey);
        var request = new CertificateRequest($"CN={CommonName}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(ValidFrom, ValidTo);
    }

    /// <summary>A certificate with its private key for a node of this cluster.</summary>
    public X509Certificate2 Issue(string nodeName, DateTimeOffset from, DateTimeOffset to)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(nodeName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], false));
        request.CertificateExtensions.Add(AlternativeName(nodeName));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        using X509Certificate2 issued = request.Create(_certificate, from, to, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>
    /// Null where the certificate was issued by this authority for exactly this node, and is valid now; otherwise what is wrong, and the
    /// remedy.
    /// </summary>
    public string? Refusal(X509Certificate? certificate, string nodeName)
    {
        if (certificate is not X509Certificate2 leaf)
            return "the other end has no certificate: it is no node of this cluster";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (!chain.Build(leaf))
        {
            string why = string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()));
            return $"its certificate is not of this cluster ({why}). The cluster key must be the same on both nodes.";
        }

        // Only the peer's own extension counts, never how a platform shows a subject: names compare byte by byte.
        byte[] expected = AlternativeName(nodeName).RawData;
        X509Extension? found = leaf.Extensions.FirstOrDefault(e => e.Oid?.Value == "2.5.29.17");
        return found is not null && found.RawData.AsSpan().SequenceEqual(expected)
            ? null
            : $"it is {leaf.GetNameInfo(X509NameType.SimpleName, false)}, not {nodeName}. The addresses and node names must be the same in cluster.xml of both nodes.";
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509Extension AlternativeName(string nodeName)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("safekit:" + Uri.EscapeDataString(nodeName)));
        return names.Build();
    }

    private static ECDsa DeriveKey(ReadOnlySpan<byte> clusterKey)
    {
        // 16 bytes more than the order has, so that the remainder is as good as uniform (FIPS 186-5, A.2.1).
        Span<byte> wide = stackalloc byte[48];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterKey, wide, [], Encoding.UTF8.GetBytes(Purpose));
        BigInteger scalar = (new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (_order - 1)) + 1;
        byte[] secret = new byte[32];
        byte[] minimal = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        minimal.CopyTo(secret, secret.Length - minimal.Length);
        ECDsa key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(wide);
        return key;
    }
}
