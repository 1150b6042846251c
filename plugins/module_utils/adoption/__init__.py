"""Moving an MLflow that somebody made by hand onto our claim and bucket, from its running pod.

`far` runs in pods and is sent there as text; everything else runs where ansible-playbook does.
"""
