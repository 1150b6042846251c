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
      - Seconds after which one request without an answer is given up. Requests that fail in passing (429, 503,
        broken connections) are tried again, for at most 30 seconds.
    type: float
    default: 30.0
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
