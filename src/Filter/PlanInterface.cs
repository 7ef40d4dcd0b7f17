namespace SafeKit.Filter;

/// <summary>What a plan says of an interface to the filter.</summary>
/// <param name="Index">Index of the interface; 0 if it has gone.</param>
/// <param name="Mac">Its own MAC.</param>
/// <param name="SendsAtTc">Directed addresses: frames are sent on at tc.</param>
/// <param name="AnswersAtTc">SYNs are answered at tc.</param>
internal readonly record struct PlanInterface(int Index, MacAddress Mac, bool SendsAtTc, bool AnswersAtTc);
