using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Inference;

/// <summary>Taking models out of service and back: by administrators, and not without a line in the audit log.</summary>
internal sealed class ModelLoading(InferenceCatalog catalog, StoreKeeper store, IncidentDesk desk, RegistryKeeper? registry = null)
{
    // The protocol has no word for who asks, and a program on this machine shows no key.
    private const string Unnamed = "a program on this machine";

    /// <summary>Has a reference mean again what it meant before it was unloaded.</summary>
    /// <exception cref="RefusalException">It was never served, or the caller may change nothing.</exception>
    public Task LoadAsync(HttpContext http, string name) => ChangeAsync(http, "load_model", name, Load);

    /// <summary>Has a reference mean nothing until it is loaded again.</summary>
    /// <exception cref="RefusalException">It is not served, or is the last that is, or the caller may change nothing.</exception>
    public Task UnloadAsync(HttpContext http, string name) => ChangeAsync(http, "unload_model", name, catalog.Unload);

    // In a registry its alias may have moved meanwhile.
    private void Load(string name)
    {
        catalog.Load(name);
        registry?.FollowAnew();
    }

    private async Task ChangeAsync(HttpContext http, string action, string name, Action<string> change)
    {
        AdminCall.RequireLocal(http);
        // First what can fail: nothing changes that is not in the audit log.
        await store.RequireAsync();
        string? before = catalog.DigestOf(name);
        // Loading is work, which threads that answer requests are not kept from their own by.
        await Task.Run(() => change(name));
        string? after = catalog.DigestOf(name);
        if (before != after) await desk.NoteAsync(Caller.Of(http)?.Name ?? Unnamed, action, name, before, after, http.RequestAborted);
    }
}
