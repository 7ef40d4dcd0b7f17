using System.Collections.Concurrent;

namespace SafeKit.Modules;

/// <summary>
/// The present resources of a module. Written by checkers, read by status: neither waits for the other.
/// </summary>
public sealed class ResourceTable
{
    private readonly ConcurrentDictionary<string, Resource> _resources = new();

    /// <returns>True when the value changed (or is new); the date of an unchanged value is kept.</returns>
    public bool Set(Resource resource)
    {
        var changed = true;
        _resources.AddOrUpdate(
            resource.Name,
            resource,
            (_, old) =>
            {
                changed = old.Value != resource.Value;
                return changed ? resource : resource with { Since = old.Since };
            });
        return changed;
    }

    public Resource? Get(string name) => _resources.GetValueOrDefault(name);

    public void Remove(string name) => _resources.TryRemove(name, out _);

    /// <summary>All resources by name.</summary>
    public IReadOnlyList<Resource> Snapshot() => [.. _resources.Values.OrderBy(resource => resource.Name, StringComparer.Ordinal)];
}
