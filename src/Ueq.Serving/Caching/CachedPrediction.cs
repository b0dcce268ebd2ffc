using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Caching;

/// <summary>Answers a request from what is kept, and asks the model for the rest.</summary>
internal sealed class CachedPrediction(ServiceParts parts, SharedCache shared)
{
    public ValueTask Run(ServedModel model, PredictWork work, int batchSize, int jobs, HttpContext http)
    {
        List<Flight>? missing = model.Cache!.Answer(model, work);
        if (missing is not null) return Fill(model, work, missing, batchSize, jobs, http);
        Prediction.Finish(model, work);
        return ValueTask.CompletedTask;
    }

    private async ValueTask Fill(ServedModel model, PredictWork work, List<Flight> missing, int batchSize, int jobs, HttpContext http)
    {
        RowCache cache = model.Cache!;
        List<Flight> own = [];
        List<(Flight Flight, Flight Other)> joined = [];
        // Who is in a hurry does not wait for others, whose turn may come later.
        bool joins = work.TimeoutMilliseconds is null && work.Priority is not RequestPriority.High;
        foreach (Flight flight in missing)
        {
            Flight first = joins ? cache.Claim(flight) : flight;
            if (first == flight) own.Add(flight);
            else joined.Add((flight, first));
        }

        try
        {
            await shared.Read(cache, own);
            await Compute(model, work, own.FindAll(flight => !flight.HasAnswer), batchSize, jobs, http);
        }
        finally
        {
            foreach (Flight flight in own) cache.Land(flight);
        }

        // The own rows have landed first: two requests that wait for each other would wait for ever.
        List<Flight> alone = [];
        foreach ((Flight flight, Flight other) in joined)
        {
            if (await other.Landed.WaitAsync(http.RequestAborted) is { } bytes) flight.Take(bytes);
            else alone.Add(flight);
            if (flight.HasAnswer) cache.CountJoined();
        }

        await Compute(model, work, alone, batchSize, jobs, http);
        foreach (Flight flight in missing) cache.Layout.ReadAnswer(flight.Bytes, work, flight.Row);
        Prediction.Finish(model, work);
    }

    private async ValueTask Compute(ServedModel model, PredictWork work, List<Flight> flights, int batchSize, int jobs, HttpContext http)
    {
        if (flights.Count == 0) return;
        RowCache cache = model.Cache!;
        PredictWork part = parts.Works.Get();
        try
        {
            Gather(model, work, flights, part);
            await parts.Compute(model, part, batchSize, jobs, http);
            long now = cache.Now;
            for (int i = 0; i < flights.Count; i++)
            {
                cache.Layout.WriteAnswer(part, i, now, flights[i].Bytes);
                flights[i].Take(flights[i].Bytes);
                shared.Write(flights[i]);
            }
        }
        catch (ModelAnswerException bad)
        {
            // The caller counts the rows that it sent.
            throw bad.At(flights[bad.Row].Row);
        }
        finally
        {
            parts.Works.Return(part);
        }
    }

    private static void Gather(ServedModel model, PredictWork work, List<Flight> flights, PredictWork part)
    {
        int width = model.Schema.Width;
        part.Begin(work.Coverage, work.BatchSize);
        part.Level = work.Level;
        part.WantsMonitoring = false;
        part.Started = work.Started;
        part.TimeoutMilliseconds = work.TimeoutMilliseconds;
        part.Priority = work.Priority;
        part.Features.Reserve(flights.Count * width);
        part.Rows = flights.Count;
        for (int i = 0; i < flights.Count; i++)
            work.Features.Span(work.Rows * width).Slice(flights[i].Row * width, width).CopyTo(part.Features.Span(part.Rows * width)[(i * width)..]);
    }
}
