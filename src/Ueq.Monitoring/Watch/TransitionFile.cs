namespace Ueq.Monitoring;

/// <summary>The written form of transitions that nobody has taken yet.</summary>
internal static class TransitionFile
{
    public static void Write(BinaryWriter file, List<SignalTransition> transitions)
    {
        file.Write(transitions.Count);
        foreach (SignalTransition t in transitions)
        {
            file.Write(t.Signal);
            file.Write((int)t.Kind);
            file.Write(t.Epoch);
            file.Write((int)t.From);
            file.Write((int)t.To);
            file.Write(t.At.UtcTicks);
            file.Write(t.Row);
            file.Write(t.LogEvidence);
            file.Write(t.LogThreshold);
            file.Write(t.Effect.Count);
            foreach (double figure in (ReadOnlySpan<double>)[t.Effect.KS, t.Effect.KSLower, t.Effect.Wasserstein, t.Effect.Psi, t.Effect.PsiCritical, t.Effect.JensenShannon])
                file.Write(figure);
            file.Write(t.Message);
        }
    }

    public static List<SignalTransition> Read(StateReader file)
    {
        const string Place = "the transitions";
        int count = file.Int32(Place, 0, 1_000_000);
        List<SignalTransition> all = [];
        for (int i = 0; i < count; i++)
        {
            all.Add(new SignalTransition(
                file.Text(Place), (SignalKind)file.Int32(Place, 0, (int)SignalKind.Score), file.Int32(Place, 0, int.MaxValue),
                (SignalState)file.Int32(Place, 0, (int)SignalState.Void), (SignalState)file.Int32(Place, 0, (int)SignalState.Void), file.Time(Place),
                file.Int64(Place, 0, long.MaxValue), file.Number(), file.Number(),
                new EffectReading(file.Int32(Place, 0, int.MaxValue), file.Number(), file.Number(), file.Number(), file.Number(), file.Number(), file.Number()),
                file.Text(Place)));
        }

        return all;
    }
}
