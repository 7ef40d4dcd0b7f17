namespace SafeKit.Filter.Layout;

/// <summary><c>enum syn_answer</c>: who answers SYNs once the kernel would do so by cookies.</summary>
internal enum SynAnswer : byte
{
    ByKernel = 0,
    ByXdp = 1,
    AtTc = 2,
}
