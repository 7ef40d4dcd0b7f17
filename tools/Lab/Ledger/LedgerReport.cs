namespace SafeKit.Lab.Ledger;

/// <summary>The ledger held against the database.</summary>
/// <param name="Acknowledged">Rows whose commit was confirmed.</param>
/// <param name="Present">Rows in the database.</param>
/// <param name="Lost">Confirmed rows that are not there; the first of them in words.</param>
/// <param name="Unknown">Rows that are there though nobody ever sent them.</param>
public sealed record LedgerReport(long Acknowledged, long Present, long LostCount, IReadOnlyList<string> Lost, long Unknown)
{
    public bool Held => LostCount == 0 && Unknown == 0 && Acknowledged > 0;

    public string Text =>
        $"{Acknowledged} commits confirmed, {LostCount} of them lost, {Present} rows present, {Unknown} of them never sent"
        + (LostCount == 0 ? "" : $": {string.Join(", ", Lost)}");
}
