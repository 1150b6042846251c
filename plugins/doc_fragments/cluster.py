"""The documentation of the options by which every module of this collection reaches a cluster."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations


class ModuleDocFragment:
    """`extends_documentation_fragment: mlops.tracking.cluster`."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of the kubeconfig. Without it, E(KUBECONFIG) and then C(~/.kube/config) are read; in a pod without
        either, the pod's service account is used.
    type: path
  context:
    description:
      - The context of the kubeconfig. Without it, the current context is used.
    type: str
  request_timeout:
    description:
      - Seconds after which one request without an answer is given up, while the others go on.
    type: float
    default: 30.0
  retry_timeout:
    description:
      - Seconds for which a request that fails in passing (429 and 503, a server that is down or restarts, broken
        connections, damaged answers) is tried again. V(0) means one try.
      - It is one time for the whole module call. What was waited in vain is taken from the requests that follow, and
        counts once for those that waited side by side; a request that comes through after waiting gives all of it back.
        A server that gave no answer for so long is not asked again.
    type: float
    default: 60.0
  drift:
    description:
      - In check mode, say of each thing that differs what was expected and what was found, and of Kubernetes objects
        also whose hand it was and when, and what is there without being described (C(findings) of each row).
      - A Job is work and no state, so none is looked at.
    type: bool
    default: false
  only:
    description:
      - The things that may be written, as C(ref) of the return value C(objects) names them; nothing else is touched.
      - Kubernetes objects are put right, also where others hold the fields, and what others added to them goes.
        Nothing that holds data is written, and nothing is deleted.
    type: list
    elements: str
notes:
  - Long work shows its progress (see C(docs/engine.md)). Variable C(tracking_progress) says how, V(auto) (rewritten
    lines in a terminal, else plain ones), V(plain) or V(quiet).
requirements:
  - python >= 3.11
  - kubernetes >= 31.0
attributes:
  check_mode:
    description: The module says in check mode exactly what it would do.
    support: full
  diff_mode:
    description: The module shows what it changes, with secrets replaced by a short keyed hash.
    support: full
"""
